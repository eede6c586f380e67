"""`python -m modelbook_cli`."""

from . import main

main()
