"""What each kind of monitor looks at: one function a kind."""
