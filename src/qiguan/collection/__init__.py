"""采集: sources, polls, posts, coverage, human checks, sightings."""
