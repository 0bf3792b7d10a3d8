"""The command line, and the check that our packages are ours."""
