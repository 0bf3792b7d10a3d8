"""`python -m unsay`, which is `unsay` where a launcher wants a module."""

from unsay.main import main

main()
