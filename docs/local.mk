dist_doc_DATA += docs/ARCHITECTURE.md docs/PERFORMANCE.md \
	docs/PROTOCOL.vscard-ext docs/ROBUSTNESS.md docs/THREADS.md \
	docs/performance.svg \
	docs/example-card.c

# As its reader would build it: the public header and the public library.
check_PROGRAMS += docs/example-card
docs_example_card_SOURCES = docs/example-card.c
docs_example_card_CPPFLAGS = -I$(top_srcdir)/vscard
docs_example_card_LDADD = libvscard.la
