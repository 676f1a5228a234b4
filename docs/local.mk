dist_doc_DATA += docs/ARCHITECTURE.md docs/PROTOCOL.vscard-ext docs/THREADS.md
