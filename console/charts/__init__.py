"""Frame in, chart out: no query and no arithmetic here, so every figure has a frame to test."""
