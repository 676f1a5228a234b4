EXTRA_DIST += docs/ARCHITECTURE.md docs/PROTOCOL.vscard-ext docs/THREADS.md
