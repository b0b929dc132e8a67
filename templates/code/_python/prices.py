# US dollars for a million tokens, as of {{ prices_of }}.
INPUT, OUTPUT = {{ price.input }}, {{ price.output }}
CACHE_WRITE_5M, CACHE_WRITE_1H, CACHE_READ = {{ price.write_5m }}, {{ price.write_1h }}, {{ price.read }}
