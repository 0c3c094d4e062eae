"""One script per question. Each reads, computes and draws; it imports Streamlit and the console."""
