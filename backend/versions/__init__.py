"""One trained version: what it takes, where its bytes are kept, how it answers."""
