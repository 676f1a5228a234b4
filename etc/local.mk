# What makes pcscd load the driver.
readerconfdir = @readerconfdir@
nodist_readerconf_DATA = etc/vscard
EXTRA_DIST += etc/reader.conf.in
CLEANFILES += etc/vscard
etc/vscard: $(top_srcdir)/etc/reader.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(SED) 's|@ifddir[@]|$(ifddir)|g' $(top_srcdir)/etc/reader.conf.in >$@.tmp && \
	mv $@.tmp $@

dist_bashcompletion_DATA += etc/bash-completion/vscclient \
	etc/bash-completion/vscard-run
