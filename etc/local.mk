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

# Units: vscclient@ is a user's, one for each host, e.g. vscclient@work.
systemduserunitdir = @systemduserunitdir@
nodist_systemduserunit_DATA = etc/vscclient@.service
systemdsystemunitdir = @systemdsystemunitdir@
nodist_systemdsystemunit_DATA = etc/vscard-card@.service
pcscddropindir = $(systemdsystemunitdir)/pcscd.service.d
nodist_pcscddropin_DATA = etc/50-vscard.conf
sysusersdir = @sysusersdir@
dist_sysusers_DATA = etc/sysusers.d/vscard.conf
tmpfilesdir = @tmpfilesdir@
dist_tmpfiles_DATA = etc/tmpfiles.d/vscard.conf

units = etc/vscclient@.service etc/vscard-card@.service
$(units): %: $(top_srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(SED) 's|@bindir[@]|$(bindir)|g' '$(top_srcdir)/$@.in' >$@.tmp && \
	mv $@.tmp $@
etc/50-vscard.conf: $(top_srcdir)/etc/pcscd-vscard.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(SED) 's|@pcscd[@]|$(PCSCD)|g' '$(top_srcdir)/etc/pcscd-vscard.conf.in' >$@.tmp && \
	mv $@.tmp $@
EXTRA_DIST += etc/vscclient@.service.in etc/vscard-card@.service.in \
	etc/pcscd-vscard.conf.in
CLEANFILES += $(units) etc/50-vscard.conf

# pcscd's own unit does not ask to be started with the machine.
wantsdir = $(systemdsystemunitdir)/multi-user.target.wants
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(wantsdir)'
	ln -sf ../pcscd.service '$(DESTDIR)$(wantsdir)/pcscd.service'
uninstall-local:
	rm -f '$(DESTDIR)$(wantsdir)/pcscd.service'
