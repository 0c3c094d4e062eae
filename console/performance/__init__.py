"""Whether a version is still right: realized where truth is known, estimated where it is not."""
