# The driver in a small host of our own, without pcscd: its functions are
# called as pcscd calls them, from many threads.
check_LTLIBRARIES += libifdhost.la
libifdhost_la_SOURCES = tests/ifd/card_peer.c tests/ifd/card_peer.h \
	tests/ifd/host.c tests/ifd/host.h \
	tests/ifd/raw_peer.c tests/ifd/raw_peer.h
libifdhost_la_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
libifdhost_la_CFLAGS = $(AM_CFLAGS) -pthread
libifdhost_la_LIBADD = libifd.la libunit.la

ifd_tests = tests/ifd/test_card tests/ifd/test_control tests/ifd/test_door \
	tests/ifd/test_driver tests/ifd/test_faults \
	tests/ifd/test_faults_card tests/ifd/test_faults_connect \
	tests/ifd/test_faults_control \
	tests/ifd/test_keys \
	tests/ifd/test_link tests/ifd/test_log_pcscd tests/ifd/test_slots \
	tests/ifd/test_stress tests/ifd/test_tags tests/ifd/test_threads tests/ifd/test_time \
	tests/ifd/test_trace
check_PROGRAMS += $(ifd_tests)
TESTS += $(ifd_tests)

ifd_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)

tests_ifd_test_card_SOURCES = tests/ifd/test_card.c
tests_ifd_test_card_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_card_LDADD = libifdhost.la

tests_ifd_test_control_SOURCES = tests/ifd/test_control.c
tests_ifd_test_control_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_control_LDADD = libifdhost.la

tests_ifd_test_door_SOURCES = tests/ifd/test_door.c
tests_ifd_test_door_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_door_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recvfrom \
	-Wl,--wrap=getsockopt -Wl,--wrap=accept4 -Wl,--wrap=getpwuid_r \
	-Wl,--wrap=getpeername
tests_ifd_test_door_LDADD = libifdhost.la

tests_ifd_test_driver_SOURCES = tests/ifd/test_driver.c
tests_ifd_test_driver_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_driver_LDADD = libifdhost.la

tests_ifd_test_faults_SOURCES = tests/ifd/test_faults.c $(fault_sources)
tests_ifd_test_faults_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_faults_LDFLAGS = $(fault_flags)
tests_ifd_test_faults_LDADD = libifdhost.la

tests_ifd_test_faults_card_SOURCES = tests/ifd/test_faults_card.c \
	$(fault_sources)
tests_ifd_test_faults_card_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_faults_card_LDFLAGS = $(fault_flags) -Wl,--wrap=backoff_next
tests_ifd_test_faults_card_LDADD = libifdhost.la

tests_ifd_test_faults_connect_SOURCES = tests/ifd/test_faults_connect.c \
	$(fault_sources)
tests_ifd_test_faults_connect_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_faults_connect_LDFLAGS = $(fault_flags) -Wl,--wrap=backoff_next
tests_ifd_test_faults_connect_LDADD = libifdhost.la

tests_ifd_test_faults_control_SOURCES = tests/ifd/test_faults_control.c \
	$(fault_sources)
tests_ifd_test_faults_control_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_faults_control_LDFLAGS = $(fault_flags)
tests_ifd_test_faults_control_LDADD = libifdhost.la libctl.la

tests_ifd_test_keys_SOURCES = tests/ifd/test_keys.c
tests_ifd_test_keys_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_keys_LDADD = libifdhost.la

tests_ifd_test_link_SOURCES = tests/ifd/test_link.c
tests_ifd_test_link_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_link_LDADD = libifdhost.la

tests_ifd_test_log_pcscd_SOURCES = tests/ifd/test_log_pcscd.c
tests_ifd_test_log_pcscd_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_log_pcscd_LDADD = libifdhost.la

tests_ifd_test_slots_SOURCES = tests/ifd/test_slots.c
tests_ifd_test_slots_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_slots_LDADD = libifdhost.la

tests_ifd_test_stress_SOURCES = tests/ifd/test_stress.c
tests_ifd_test_stress_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_stress_LDADD = libifdhost.la

tests_ifd_test_threads_SOURCES = tests/ifd/test_threads.c
tests_ifd_test_threads_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_threads_LDADD = libifdhost.la

tests_ifd_test_time_SOURCES = tests/ifd/test_time.c
tests_ifd_test_time_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_time_LDADD = libifdhost.la

tests_ifd_test_trace_SOURCES = tests/ifd/test_trace.c tests/unit/blocks.c
tests_ifd_test_trace_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_trace_LDADD = libifdhost.la

tests_ifd_test_tags_SOURCES = tests/ifd/test_tags.c
tests_ifd_test_tags_CPPFLAGS = $(ifd_cppflags)
tests_ifd_test_tags_LDADD = libifdhost.la
