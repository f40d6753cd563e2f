"""The private doors of other packages: one file for each package, and nothing outside these files uses one.

Each function names the versions in which it was seen to work, and what happens if the name behind it is gone.
Whoever upgrades a package reads one file.
"""
