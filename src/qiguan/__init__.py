"""齐管 Qiguan: joint management of government new-media accounts by officials and the public."""
