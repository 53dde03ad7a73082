"""The notebook around us: which cell runs now, what became of an answer cell, the link that JupyterLab prints."""
