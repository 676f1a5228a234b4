# Unit tests of vscclient/.
unitvscclient_libs = libunit.la libvscclient.la

unit_tests += tests/unit/test_cardspec
tests_unit_test_cardspec_SOURCES = tests/unit/test_cardspec.c
tests_unit_test_cardspec_CPPFLAGS = $(unit_cppflags)
tests_unit_test_cardspec_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_emul
tests_unit_test_emul_SOURCES = tests/unit/test_emul.c
tests_unit_test_emul_CPPFLAGS = $(unit_cppflags) $(CACARD_CFLAGS)
tests_unit_test_emul_LDADD = $(unitvscclient_libs) $(CACARD_LIBS)

unit_tests += tests/unit/test_nss_args
tests_unit_test_nss_args_SOURCES = tests/unit/test_nss_args.c
tests_unit_test_nss_args_CPPFLAGS = $(unit_cppflags)
tests_unit_test_nss_args_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_options
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_CPPFLAGS = $(unit_cppflags)
tests_unit_test_options_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_readermatch
tests_unit_test_readermatch_SOURCES = tests/unit/test_readermatch.c
tests_unit_test_readermatch_CPPFLAGS = $(unit_cppflags)
tests_unit_test_readermatch_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_relay
tests_unit_test_relay_SOURCES = tests/unit/test_relay.c \
	tests/unit/relay_bench.c tests/unit/relay_bench.h
tests_unit_test_relay_CPPFLAGS = $(unit_cppflags)
tests_unit_test_relay_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_client
tests_unit_test_client_SOURCES = tests/unit/test_client.c
tests_unit_test_client_CPPFLAGS = $(unit_cppflags)
tests_unit_test_client_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=loop_timer_set
tests_unit_test_client_LDADD = $(unitvscclient_libs) libunitnet.la

unit_tests += tests/unit/test_cardproc_faults
tests_unit_test_cardproc_faults_SOURCES = tests/unit/test_cardproc_faults.c \
	tests/unit/card_host.c tests/unit/card_host.h $(fault_sources)
tests_unit_test_cardproc_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_cardproc_faults_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_cardproc_faults_LDFLAGS = $(fault_flags)
tests_unit_test_cardproc_faults_LDADD = $(unitvscclient_libs)

check_PROGRAMS += tests/fakes/tunnel
tests_fakes_tunnel_SOURCES = tests/fakes/tunnel.c

unit_tests += tests/unit/test_client_faults
tests_unit_test_client_faults_SOURCES = tests/unit/test_client_faults.c \
	tests/unit/card_host.c tests/unit/card_host.h $(fault_sources)
tests_unit_test_client_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_client_faults_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_client_faults_LDFLAGS = $(fault_flags) \
	-Wl,--wrap=backoff_next -Wl,--wrap=readlink
tests_unit_test_client_faults_LDADD = $(unitvscclient_libs) libunitnet.la

unit_tests += tests/unit/test_prompt_faults
tests_unit_test_prompt_faults_SOURCES = tests/unit/test_prompt_faults.c \
	$(fault_sources)
tests_unit_test_prompt_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_prompt_faults_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_prompt_faults_LDFLAGS = $(fault_flags) \
	-Wl,--wrap=history_init -Wl,--wrap=el_init
tests_unit_test_prompt_faults_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_touch_faults
tests_unit_test_touch_faults_SOURCES = tests/unit/test_touch_faults.c \
	$(fault_sources)
tests_unit_test_touch_faults_CPPFLAGS = $(unit_cppflags)
tests_unit_test_touch_faults_LDFLAGS = $(fault_flags)
tests_unit_test_touch_faults_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_CPPFLAGS = $(unit_cppflags)
tests_unit_test_sandbox_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_sandbox_LDADD = libunit.la libunitnet.la libvscclient.la

unit_tests += tests/unit/test_starter
tests_unit_test_starter_SOURCES = tests/unit/test_starter.c
tests_unit_test_starter_CPPFLAGS = $(unit_cppflags)
tests_unit_test_starter_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_words
tests_unit_test_words_SOURCES = tests/unit/test_words.c
tests_unit_test_words_CPPFLAGS = $(unit_cppflags)
tests_unit_test_words_LDADD = $(unitvscclient_libs)

unit_tests += tests/unit/test_crew
tests_unit_test_crew_SOURCES = tests/unit/test_crew.c
tests_unit_test_crew_CPPFLAGS = $(unit_cppflags)
tests_unit_test_crew_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_crew_LDADD = $(unitvscclient_libs)

dist_check_SCRIPTS += tests/unit/test_completion.sh
TESTS += tests/unit/test_completion.sh

unit_tests += tests/unit/test_worker
tests_unit_test_worker_SOURCES = tests/unit/test_worker.c
tests_unit_test_worker_CPPFLAGS = $(unit_cppflags)
tests_unit_test_worker_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_test_worker_LDADD = $(unitvscclient_libs)
