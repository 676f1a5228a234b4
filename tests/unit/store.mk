# Unit tests of card/store.
check_LTLIBRARIES += libscratch.la
libscratch_la_SOURCES = tests/unit/scratch.c tests/unit/scratch.h
libscratch_la_CPPFLAGS = $(unit_cppflags)
libscratch_la_LIBADD = libunit.la libcard.la libutil.la

unit_tests += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_LDADD = libscratch.la

unit_tests += tests/unit/test_store_file
tests_unit_test_store_file_SOURCES = tests/unit/test_store_file.c
tests_unit_test_store_file_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_file_LDADD = libscratch.la

unit_tests += tests/unit/test_store_passphrase
tests_unit_test_store_passphrase_SOURCES = tests/unit/test_store_passphrase.c
tests_unit_test_store_passphrase_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_passphrase_LDADD = libscratch.la

unit_tests += tests/unit/test_store_power
tests_unit_test_store_power_SOURCES = tests/unit/test_store_power.c \
	tests/fakes/disk.c tests/fakes/disk.h
tests_unit_test_store_power_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_test_store_power_LDADD = libscratch.la $(SQLITE_LIBS)

unit_tests += tests/unit/test_store_faults
tests_unit_test_store_faults_SOURCES = tests/unit/test_store_faults.c \
	tests/fakes/disk.c tests/fakes/disk.h $(fault_sources)
tests_unit_test_store_faults_CPPFLAGS = $(unit_cppflags) $(CRYPTO_CFLAGS) \
	$(SQLITE_CFLAGS)
tests_unit_test_store_faults_LDFLAGS = $(fault_flags) \
	-Wl,--wrap=sqlite3_step -Wl,--wrap=sqlite3_bind_int64 \
	-Wl,--wrap=sqlite3_bind_blob64 -Wl,--wrap=sqlite3_prepare_v3 \
	-Wl,--wrap=sqlite3_exec -Wl,--wrap=sqlite3_db_config \
	-Wl,--wrap=sqlite3_file_control
tests_unit_test_store_faults_LDADD = libscratch.la $(CRYPTO_LIBS) \
	$(SQLITE_LIBS)

unit_tests += tests/unit/test_store_damage
tests_unit_test_store_damage_SOURCES = tests/unit/test_store_damage.c \
	tests/fakes/disk.c tests/fakes/disk.h
tests_unit_test_store_damage_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_test_store_damage_LDADD = libscratch.la $(SQLITE_LIBS)

unit_tests += tests/unit/test_store_kill
tests_unit_test_store_kill_SOURCES = tests/unit/test_store_kill.c
tests_unit_test_store_kill_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_kill_LDADD = libscratch.la

unit_tests += tests/unit/test_store_full
tests_unit_test_store_full_SOURCES = tests/unit/test_store_full.c
tests_unit_test_store_full_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_full_LDADD = libscratch.la

# Whole cards in key files.
unit_tests += tests/unit/test_card_kill
tests_unit_test_card_kill_SOURCES = tests/unit/test_card_kill.c
tests_unit_test_card_kill_CPPFLAGS = $(unit_cppflags) $(CRYPTO_CFLAGS)
tests_unit_test_card_kill_LDADD = libunitpiv.la libscratch.la \
	$(unitcard_libs) $(CRYPTO_LIBS)
