%% set A, a = ("Async", "a") if asynchronous else ("", "")
%% set Stream = "AsyncByteStream" if asynchronous else "SyncByteStream"
¶ A limit on time | The client's limit is on silence, and pings or comments end a silence: a stream can live on them for ever.{{ " Every byte also goes into a file on its way to the SDK, pings and padding included." if save else "" }}
class Watched(httpx2.{{ Stream }}):
    """The bytes of a response, until a deadline{{ ", and into a file" if save else "" }}."""

    def __init__(self, body: Any) -> None:
        self.body, self.deadline = body, time.monotonic() + LONGEST

    {{ async_ }}def __{{ a }}iter__(self) -> {{ A }}Iterator[bytes]:
        {{ async_ }}for chunk in self.body:
%% if save
            with RAW.open("ab") as file:
                file.write(chunk)
%% endif
            if time.monotonic() > self.deadline:
                raise TimeoutError("message_stop did not come in time")
            yield chunk

    {{ async_ }}def {{ a }}close(self) -> None:
        {{ await_ }}self.body.{{ a }}close()
