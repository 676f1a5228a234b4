# docs
dist_doc_DATA += docs/PROTOCOL.vscard-ext
