"""`make bench-rescore`: logged requests answered again, beside pandas and scikit-learn."""
