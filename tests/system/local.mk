# System tests: real pcscd, real tools, and programs of our own at the PC/SC
# level. A program starts itself again within vscard-run.
check_LTLIBRARIES += libfakes.la
libfakes_la_SOURCES = \
	tests/fakes/child.c tests/fakes/child.h \
	tests/fakes/fake_card.c tests/fakes/fake_card.h \
	tests/fakes/hell.c tests/fakes/hell.h \
	tests/fakes/hell_host.c \
	tests/fakes/pcsc_watch.c tests/fakes/pcsc_watch.h \
	tests/fakes/relay.c tests/fakes/relay.h \
	tests/fakes/script.c tests/fakes/script.h \
	tests/fakes/stock_host.c tests/fakes/stock_host.h \
	tests/fakes/stock_peer.c tests/fakes/stock_peer.h \
	tests/fakes/transcript.c tests/fakes/transcript.h
libfakes_la_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
libfakes_la_CFLAGS = $(AM_CFLAGS) -pthread
libfakes_la_LIBADD = libvscard-core.la $(CHECK_LIBS) $(PCSC_LIBS)

# A module for NSS to load, hence the rpath: without one nothing is shared. It
# has no sanitizer, because the programs that load it have none.
check_LTLIBRARIES += libpkcs11_gate.la
libpkcs11_gate_la_SOURCES = tests/fakes/pkcs11_gate.c
libpkcs11_gate_la_CPPFLAGS = $(AM_CPPFLAGS) $(NSS_CFLAGS)
libpkcs11_gate_la_CFLAGS = -std=gnu11
libpkcs11_gate_la_LDFLAGS = -Wl,-z,now -module -avoid-version \
	-shared -rpath /nowhere

check_LTLIBRARIES += libsystem.la
libsystem_la_SOURCES = \
	tests/system/local_pcscd.c tests/system/local_pcscd.h \
	tests/system/log.c tests/system/log.h \
	tests/system/pc.c tests/system/pc.h \
	tests/system/qemu.c tests/system/qemu.h \
	tests/system/system.c tests/system/system.h \
	tests/system/usage.c tests/system/usage.h
libsystem_la_CPPFLAGS = $(libfakes_la_CPPFLAGS)
libsystem_la_CFLAGS = $(AM_CFLAGS) -pthread
libsystem_la_LIBADD = libfakes.la

system_cppflags = $(libfakes_la_CPPFLAGS)
system_ldadd = libsystem.la

# The longest first, so that they run beside the others.
system_tests = \
	tests/system/test_idle \
	tests/system/test_key_terminal \
	tests/system/test_dead_peer \
	tests/system/test_deadline \
	tests/system/test_reset \
	tests/system/test_client \
	tests/system/test_core \
	tests/system/test_ctl \
	tests/system/test_bad \
	tests/system/test_features \
	tests/system/test_flood \
	tests/system/test_forward \
	tests/system/test_hell \
	tests/system/test_hell_host \
	tests/system/test_hell_tcp \
	tests/system/test_latency \
	tests/system/test_loss \
	tests/system/test_pcsc \
	tests/system/test_pcsc_card \
	tests/system/test_prompt \
	tests/system/test_qemu \
	tests/system/test_readers \
	tests/system/test_scenario \
	tests/system/test_service \
	tests/system/test_sizes \
	tests/system/test_stale \
	tests/system/test_ssh \
	tests/system/test_swap \
	tests/system/test_vscclient
check_PROGRAMS += $(system_tests)

# pcscd has no sanitizer, and loads the driver.
check_PROGRAMS += tests/system/test_run_faults
if !SANITIZED
TESTS += tests/system/test_run_faults
endif
tests_system_test_run_faults_SOURCES = tests/system/test_run_faults.c \
	run/child.c run/daemon.c run/front.c run/namespaces.c run/options.c \
	run/programs.c run/ready.c run/sandbox.c run/sockfile.c \
	run/supervise.c $(fault_sources)
tests_system_test_run_faults_CPPFLAGS = $(run_vscard_run_CPPFLAGS) \
	$(CHECK_CFLAGS)
tests_system_test_run_faults_LDFLAGS = $(fault_flags)
tests_system_test_run_faults_LDADD = libunit.la libnet.la libutil.la \
	$(PCSC_LIBS)

# What was freed a sanitizer keeps.
check_PROGRAMS += tests/system/test_memory
if !SANITIZED
TESTS += tests/system/test_memory
endif

# It attacks the sandbox, and with a sanitizer there is none.
check_PROGRAMS += tests/system/test_denied
if !SANITIZED
TESTS += tests/system/test_denied
endif
tests_system_test_denied_SOURCES = tests/system/test_denied.c \
	tests/system/attack.c tests/system/attack.h \
	tests/system/captive.c tests/system/captive.h \
	tests/system/memory.c tests/system/memory.h
tests_system_test_denied_CPPFLAGS = $(system_cppflags)
tests_system_test_denied_LDADD = $(system_ldadd)

system_scripts = \
	tests/system/test_ctl_words.sh \
	tests/system/test_doctor.sh \
	tests/system/test_card.sh \
	tests/system/test_config.sh \
	tests/system/test_emul.sh \
	tests/system/test_exec.sh \
	tests/system/test_forward_card.sh \
	tests/system/test_key.sh \
	tests/system/test_key_busy.sh \
	tests/system/test_key_ssh.sh \
	tests/system/test_many.sh \
	tests/system/test_piv_opensc.sh \
	tests/system/test_piv_ykman.sh \
	tests/system/test_piv_ykpiv.sh \
	tests/system/test_readme.sh \
	tests/system/test_token.sh \
	tests/system/test_tools.sh \
	tests/system/test_trace.sh \
	tests/system/test_wrong.sh

TESTS += $(system_tests) $(system_scripts)

tests_system_test_bad_CPPFLAGS = $(system_cppflags)
tests_system_test_bad_LDADD = $(system_ldadd)
tests_system_test_client_CPPFLAGS = $(system_cppflags)
tests_system_test_client_LDADD = $(system_ldadd)
tests_system_test_core_CPPFLAGS = $(system_cppflags)
tests_system_test_core_LDADD = $(system_ldadd)
tests_system_test_ctl_CPPFLAGS = $(system_cppflags)
tests_system_test_ctl_LDADD = $(system_ldadd)
tests_system_test_deadline_CPPFLAGS = $(system_cppflags)
tests_system_test_deadline_LDADD = $(system_ldadd)
tests_system_test_features_CPPFLAGS = $(system_cppflags)
tests_system_test_features_LDADD = $(system_ldadd)
tests_system_test_flood_CPPFLAGS = $(system_cppflags)
tests_system_test_flood_LDADD = $(system_ldadd)
tests_system_test_forward_CPPFLAGS = $(system_cppflags)
tests_system_test_forward_LDADD = $(system_ldadd)
tests_system_test_hell_CPPFLAGS = $(system_cppflags)
tests_system_test_hell_LDADD = $(system_ldadd)
tests_system_test_hell_host_CPPFLAGS = $(system_cppflags)
tests_system_test_hell_host_LDADD = $(system_ldadd)
tests_system_test_hell_tcp_CPPFLAGS = $(system_cppflags)
tests_system_test_hell_tcp_LDADD = $(system_ldadd)
tests_system_test_idle_CPPFLAGS = $(system_cppflags)
tests_system_test_guest_CPPFLAGS = $(system_cppflags)
tests_system_test_guest_LDADD = $(system_ldadd)
tests_system_test_idle_LDADD = $(system_ldadd)
tests_system_test_key_terminal_CPPFLAGS = $(system_cppflags)
tests_system_test_key_terminal_LDADD = libunit.la libdesk.la libunitnet.la \
	libnet.la
tests_system_test_latency_CPPFLAGS = $(system_cppflags)
tests_system_test_latency_LDADD = $(system_ldadd)
tests_system_test_loss_CPPFLAGS = $(system_cppflags)
tests_system_test_loss_LDADD = $(system_ldadd)
tests_system_test_memory_SOURCES = tests/system/test_memory.c \
	tests/system/memory.c tests/system/memory.h
tests_system_test_memory_CPPFLAGS = $(system_cppflags) $(SQLITE_CFLAGS)
tests_system_test_memory_LDADD = $(system_ldadd) libnet.la libcard.la \
	libvscard-core.la libutil.la
tests_system_test_pcsc_CPPFLAGS = $(system_cppflags)
tests_system_test_pcsc_LDADD = $(system_ldadd)
tests_system_test_pcsc_card_CPPFLAGS = $(system_cppflags)
tests_system_test_pcsc_card_LDADD = $(system_ldadd)
tests_system_test_prompt_CPPFLAGS = $(system_cppflags)
tests_system_test_prompt_LDADD = $(system_ldadd)
tests_system_test_qemu_CPPFLAGS = $(system_cppflags)
tests_system_test_qemu_LDADD = $(system_ldadd)
tests_system_test_readers_CPPFLAGS = $(system_cppflags)
tests_system_test_readers_LDADD = $(system_ldadd)
tests_system_test_reset_CPPFLAGS = $(system_cppflags)
tests_system_test_reset_LDADD = $(system_ldadd)
tests_system_test_scenario_CPPFLAGS = $(system_cppflags)
tests_system_test_scenario_LDADD = $(system_ldadd)
tests_system_test_dead_peer_CPPFLAGS = $(system_cppflags)
tests_system_test_dead_peer_LDADD = $(system_ldadd)
tests_system_test_service_CPPFLAGS = $(system_cppflags)
tests_system_test_service_LDADD = $(system_ldadd)
tests_system_test_sizes_CPPFLAGS = $(system_cppflags)
tests_system_test_sizes_LDADD = $(system_ldadd)
tests_system_test_stale_CPPFLAGS = $(system_cppflags)
tests_system_test_stale_LDADD = $(system_ldadd)
tests_system_test_ssh_CPPFLAGS = $(system_cppflags)
tests_system_test_ssh_LDADD = $(system_ldadd)
tests_system_test_swap_CPPFLAGS = $(system_cppflags)
tests_system_test_swap_LDADD = $(system_ldadd)
tests_system_test_vscclient_CPPFLAGS = $(system_cppflags)
tests_system_test_vscclient_LDADD = $(system_ldadd)

# The program in the guest of the QEMU test has no sanitizer, whatever the rest
# has.
check_PROGRAMS += tests/system/guest/card tests/system/test_guest
tests_system_guest_card_SOURCES = tests/system/guest/card.c
tests_system_guest_card_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_system_guest_card_CFLAGS = -std=gnu11
tests_system_guest_card_LDFLAGS = -Wl,-z,now
tests_system_guest_card_LDADD = $(PCSC_LIBS)

dist_check_SCRIPTS += tests/system/test_guest.sh
TESTS += tests/system/test_guest.sh
CLEANFILES += tests/system/guest/initrd

# The machine that systemd boots has no sanitizer's libraries.
check_PROGRAMS += tests/system/test_systemd
tests_system_test_systemd_CPPFLAGS = $(system_cppflags)
tests_system_test_systemd_LDADD = $(system_ldadd)
dist_check_SCRIPTS += tests/system/test_systemd.sh
if !SANITIZED
TESTS += tests/system/test_systemd.sh
endif
CLEANFILES += tests/system/guest/systemd.initrd tests/system/guest/systemd.log

EXTRA_DIST += tests/system/guest/commands tests/system/guest/reader \
	tests/system/guest/network tests/system/guest/systemd.sh
EXTRA_DIST += tests/system/guest/fetch.sh tests/system/guest/init \
	tests/system/guest/initrd.sh tests/system/guest/make.sh

EXTRA_DIST += tests/system/lib.sh tests/system/piv.sh tests/system/nssdb.sh tests/system/sshd.sh \
	$(system_scripts)
clean-local:
	rm -rf tests/system/nssdb tests/system/nssdb.new
CLEANFILES += tests/system/nssdb.lock

TESTS += tests/system/test_run.sh
EXTRA_DIST += tests/system/test_run.sh

# Its name is what doctor looks for.
check_PROGRAMS += tests/fakes/scdaemon
tests_fakes_scdaemon_SOURCES = tests/fakes/scdaemon.c
tests_fakes_scdaemon_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fakes_scdaemon_LDADD = $(PCSC_LIBS)

# VSCARD_SOAK_APDUS and others make it the long one; `make soak` does.
check_PROGRAMS += tests/system/test_soak
TESTS += tests/system/test_soak
tests_system_test_soak_SOURCES = tests/system/test_soak.c tests/system/soak.h \
	tests/system/soak_app.c tests/system/soak_cards.c \
	tests/system/soak_tag.c
tests_system_test_soak_CPPFLAGS = $(system_cppflags)
tests_system_test_soak_LDADD = $(system_ldadd)
.PHONY: soak
soak: all tests/system/test_soak
	VSCARD_SOAK_APDUS=1000000 VSCARD_SOAK_SECONDS=3600 \
	    VSCARD_TEST_DEADLINE=7200 tests/system/test_soak
