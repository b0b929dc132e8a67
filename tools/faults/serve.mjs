// Serves a web-standard handler on Node.js, as its first lines tell: `node serve.mjs <file>`.

import { pathToFileURL } from "node:url";
import { serve } from "@hono/node-server";

const [file] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(file).href);
const port = Number(process.env.PORT ?? 5000);
serve({ fetch: handler, hostname: "127.0.0.1", port }, (address) => {
  console.log(`The relay is at http://127.0.0.1:${address.port}`);
});
