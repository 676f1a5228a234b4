# Unit tests of key/, and of the whole card that it uses.
unit_tests += tests/unit/test_certificate
tests_unit_test_certificate_SOURCES = tests/unit/test_certificate.c
tests_unit_test_certificate_CPPFLAGS = $(unit_cppflags) $(ZLIB_CFLAGS)
tests_unit_test_certificate_LDADD = libunit.la libkey.la $(ZLIB_LIBS)

unit_tests += tests/unit/test_key
tests_unit_test_key_SOURCES = tests/unit/test_key.c
tests_unit_test_key_CPPFLAGS = $(unit_cppflags)
tests_unit_test_key_LDADD = libunit.la libunitnet.la libnet.la libcard.la \
	libutil.la

unit_tests += tests/unit/test_key_faults
tests_unit_test_key_faults_SOURCES = tests/unit/test_key_faults.c \
	$(fault_sources)
tests_unit_test_key_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_key_faults_LDFLAGS = $(fault_flags)
tests_unit_test_key_faults_LDADD = libunit.la libunitnet.la libkey.la \
	libnet.la
