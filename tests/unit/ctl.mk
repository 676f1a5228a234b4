# Unit tests of ctl/.
unit_tests += tests/unit/test_doctor
tests_unit_test_doctor_SOURCES = tests/unit/test_doctor.c
tests_unit_test_doctor_CPPFLAGS = $(unit_cppflags)
tests_unit_test_doctor_LDADD = libunit.la libctl.la

unit_tests += tests/unit/test_readerconf
tests_unit_test_readerconf_SOURCES = tests/unit/test_readerconf.c
tests_unit_test_readerconf_CPPFLAGS = $(unit_cppflags)
tests_unit_test_readerconf_LDADD = libunit.la libctl.la

unit_tests += tests/unit/test_text
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(unit_cppflags)
tests_unit_test_text_LDADD = libunit.la libctl.la

dist_check_SCRIPTS += tests/unit/test_completion_ctl.sh
TESTS += tests/unit/test_completion_ctl.sh
