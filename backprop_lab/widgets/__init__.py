"""Windows on data that the engine computed, played in the browser. Read `player` first, then `page`."""
