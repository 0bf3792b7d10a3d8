"""Answers written anew: other candidates first, then rewriting, and the notice where neither is clean."""
