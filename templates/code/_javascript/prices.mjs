// US dollars for a million tokens, as of {{ prices_of }}.
const PRICE = {
  input: {{ price.input }},
  output: {{ price.output }},
  write5m: {{ price.write_5m }},
  write1h: {{ price.write_1h }},
  read: {{ price.read }},
};
