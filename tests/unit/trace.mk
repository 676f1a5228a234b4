# trace/: what is seen of exchanges.
unit_tests += tests/unit/test_tap
tests_unit_test_tap_SOURCES = tests/unit/test_tap.c
tests_unit_test_tap_CPPFLAGS = $(unit_cppflags)
tests_unit_test_tap_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_tap_LDADD = libunit.la libtrace.la libutil.la

unit_tests += tests/unit/test_describe
tests_unit_test_describe_SOURCES = tests/unit/test_describe.c
tests_unit_test_describe_CPPFLAGS = $(unit_cppflags)
tests_unit_test_describe_LDADD = libunit.la libtrace.la libutil.la

unit_tests += tests/unit/test_mask
tests_unit_test_mask_SOURCES = tests/unit/test_mask.c
tests_unit_test_mask_CPPFLAGS = $(unit_cppflags)
tests_unit_test_mask_LDADD = libunit.la libtrace.la libutil.la

unit_tests += tests/unit/test_pcapng
tests_unit_test_pcapng_SOURCES = tests/unit/test_pcapng.c \
	tests/unit/blocks.c tests/unit/blocks.h
tests_unit_test_pcapng_CPPFLAGS = $(unit_cppflags)
tests_unit_test_pcapng_LDADD = libunit.la libtrace.la libutil.la

unit_tests += tests/unit/test_trace_file
tests_unit_test_trace_file_SOURCES = tests/unit/test_trace_file.c \
	tests/unit/blocks.c tests/unit/blocks.h
tests_unit_test_trace_file_CPPFLAGS = $(unit_cppflags)
tests_unit_test_trace_file_LDADD = libunit.la libtrace.la libutil.la

unit_tests += tests/unit/test_trace_faults
tests_unit_test_trace_faults_SOURCES = tests/unit/test_trace_faults.c \
	tests/unit/blocks.c tests/unit/blocks.h $(fault_sources)
tests_unit_test_trace_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_trace_faults_LDFLAGS = $(fault_flags)
tests_unit_test_trace_faults_LDADD = libunit.la libunitnet.la libtrace.la \
	libnet.la libutil.la
