"""`python -m backprop_lab`: the same as the command `backprop-lab`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
