"""`python -m qiguan` is the command line."""

from qiguan.config.cli import main

raise SystemExit(main())
