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
	etc/bash-completion/vscard-ctl \
	etc/bash-completion/vscard-key \
	etc/bash-completion/vscard-run

# One for each host, e.g. vscclient@work.
systemduserunitdir = @systemduserunitdir@
nodist_systemduserunit_DATA = etc/vscclient@.service
EXTRA_DIST += etc/vscclient@.service.in
CLEANFILES += etc/vscclient@.service
etc/vscclient@.service: $(top_srcdir)/etc/vscclient@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(SED) 's|@bindir[@]|$(bindir)|g' \
		'$(top_srcdir)/etc/vscclient@.service.in' >$@.tmp && \
	mv $@.tmp $@
