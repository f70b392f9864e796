"""Set before Django reads its settings: a data folder of the tests' own and no demonstration clock."""

from __future__ import annotations

import os
import tempfile

os.environ["QIGUAN_DATA"] = tempfile.mkdtemp(prefix="qiguan-test-")
os.environ["QIGUAN_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["QIGUAN_ALLOW_LOOPBACK"] = "1"
os.environ.pop("QIGUAN_CLOCK_OFFSET", None)
