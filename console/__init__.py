"""The console computes what the pages show: it may use the backend, and the backend never it."""
