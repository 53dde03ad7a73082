"""The notebook around us: the cell that runs (read `running` first), answer cells, the link that JupyterLab prints."""
