# Unit tests of the card's engine. toy.c: applications that do nothing; rig.c:
# a card on the bench; card_script.c: conversations with it.
check_LTLIBRARIES += libunitcard.la
libunitcard_la_SOURCES = tests/unit/rig.c tests/unit/rig.h \
	tests/unit/card_script.c tests/unit/card_script.h \
	tests/unit/toy.c tests/unit/toy.h
libunitcard_la_CPPFLAGS = $(unit_cppflags)
unitcard_libs = libunit.la libunitcard.la libcard.la libutil.la

unit_tests += tests/unit/test_apdu
tests_unit_test_apdu_SOURCES = tests/unit/test_apdu.c
tests_unit_test_apdu_CPPFLAGS = $(unit_cppflags)
tests_unit_test_apdu_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_tlv
tests_unit_test_tlv_SOURCES = tests/unit/test_tlv.c
tests_unit_test_tlv_CPPFLAGS = $(unit_cppflags)
tests_unit_test_tlv_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_sw
tests_unit_test_sw_SOURCES = tests/unit/test_sw.c
tests_unit_test_sw_CPPFLAGS = $(unit_cppflags)
tests_unit_test_sw_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_dispatch
tests_unit_test_dispatch_SOURCES = tests/unit/test_dispatch.c
tests_unit_test_dispatch_CPPFLAGS = $(unit_cppflags)
tests_unit_test_dispatch_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_chain
tests_unit_test_chain_SOURCES = tests/unit/test_chain.c
tests_unit_test_chain_CPPFLAGS = $(unit_cppflags)
tests_unit_test_chain_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_card_select
tests_unit_test_card_select_SOURCES = tests/unit/test_card_select.c
tests_unit_test_card_select_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_select_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_card
tests_unit_test_card_SOURCES = tests/unit/test_card.c
tests_unit_test_card_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_card_memory
tests_unit_test_card_memory_SOURCES = tests/unit/test_card_memory.c \
	tests/unit/fault_memory.c
tests_unit_test_card_memory_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_memory_LDFLAGS = $(AM_LDFLAGS) $(fault_memory_flags)
tests_unit_test_card_memory_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_pin
tests_unit_test_pin_SOURCES = tests/unit/test_pin.c
tests_unit_test_pin_CPPFLAGS = $(unit_cppflags)
tests_unit_test_pin_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=store_put \
	-Wl,--wrap=secret_hmac_sha256
tests_unit_test_pin_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_identity
tests_unit_test_identity_SOURCES = tests/unit/test_identity.c
tests_unit_test_identity_CPPFLAGS = $(unit_cppflags)
tests_unit_test_identity_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_registry
tests_unit_test_registry_SOURCES = tests/unit/test_registry.c
tests_unit_test_registry_CPPFLAGS = $(unit_cppflags)
tests_unit_test_registry_LDADD = $(unitcard_libs)

unit_tests += tests/unit/test_card_faults
tests_unit_test_card_faults_SOURCES = tests/unit/test_card_faults.c \
	tests/unit/fault_crypto.c tests/unit/fault_memory.c
tests_unit_test_card_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_faults_LDFLAGS = $(AM_LDFLAGS) \
	$(fault_crypto_flags) $(fault_memory_flags) \
	-Wl,--wrap=store_put -Wl,--wrap=store_commit
tests_unit_test_card_faults_LDADD = $(unitcard_libs)
