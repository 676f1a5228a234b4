# Unit tests of net/. The wrapped calls are those that a test makes fail.
check_LTLIBRARIES += libunitnet.la
libunitnet_la_SOURCES = tests/unit/fault.c tests/unit/fault.h \
	tests/unit/net.c tests/unit/net.h
libunitnet_la_CPPFLAGS = $(unit_cppflags)
unitnet_libs = libunit.la libunitnet.la libnet.la

unit_tests += tests/unit/test_endpoint
tests_unit_test_endpoint_SOURCES = tests/unit/test_endpoint.c
tests_unit_test_endpoint_CPPFLAGS = $(unit_cppflags)
tests_unit_test_endpoint_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_wakeup
tests_unit_test_wakeup_SOURCES = tests/unit/test_wakeup.c
tests_unit_test_wakeup_CPPFLAGS = $(unit_cppflags)
tests_unit_test_wakeup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=eventfd
tests_unit_test_wakeup_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_peer
tests_unit_test_peer_SOURCES = tests/unit/test_peer.c
tests_unit_test_peer_CPPFLAGS = $(unit_cppflags)
tests_unit_test_peer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt
tests_unit_test_peer_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_stream
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c
tests_unit_test_stream_CPPFLAGS = $(unit_cppflags)
tests_unit_test_stream_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt \
	-Wl,--wrap=setsockopt -Wl,--wrap=fcntl -Wl,--wrap=recv \
	-Wl,--wrap=send
tests_unit_test_stream_LDADD = $(unitnet_libs)
