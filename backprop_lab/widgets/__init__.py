"""The lab's widgets: windows on data that the engine computed, played in the browser."""
