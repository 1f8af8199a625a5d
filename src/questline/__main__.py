"""`python -m questline`: the same as `questline`."""

from questline.cli import main

main()
