# Fuzz targets. `make check` replays the corpus of each, tests/fuzz/corpus/X;
# with --enable-fuzzing `make fuzzers` makes libFuzzer programs of them:
#	tests/fuzz/fuzz_X -max_total_time=60 NEW-CORPUS SRC/tests/fuzz/corpus/X
# A new target: its name here, its three lines below, a corpus, and if its input
# has words, tests/fuzz/dict/X.
fuzz_targets = \
	tests/fuzz/fuzz_apdu \
	tests/fuzz/fuzz_card \
	tests/fuzz/fuzz_cardspec \
	tests/fuzz/fuzz_certificate \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_ctl \
	tests/fuzz/fuzz_ctl_options \
	tests/fuzz/fuzz_driver \
	tests/fuzz/fuzz_emul \
	tests/fuzz/fuzz_endpoint \
	tests/fuzz/fuzz_framer \
	tests/fuzz/fuzz_key_options \
	tests/fuzz/fuzz_match \
	tests/fuzz/fuzz_options \
	tests/fuzz/fuzz_owner \
	tests/fuzz/fuzz_proc \
	tests/fuzz/fuzz_readerconf \
	tests/fuzz/fuzz_record \
	tests/fuzz/fuzz_relay \
	tests/fuzz/fuzz_run \
	tests/fuzz/fuzz_session_client \
	tests/fuzz/fuzz_session_host \
	tests/fuzz/fuzz_store \
	tests/fuzz/fuzz_tlv \
	tests/fuzz/fuzz_trace \
	tests/fuzz/fuzz_traits \
	tests/fuzz/fuzz_words

if FUZZING
noinst_PROGRAMS += $(fuzz_targets)
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
fuzz_main = tests/fuzz/main.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/dict

# For check.sh.
.PHONY: fuzzers
fuzzers: $(fuzz_targets)

check_LTLIBRARIES += libdrive.la
libdrive_la_SOURCES = tests/fuzz/drive.c tests/fuzz/drive.h tests/fuzz/fuzz.h
libdrive_la_LIBADD = libvscard-core.la

tests_fuzz_fuzz_cardspec_SOURCES = tests/fuzz/fuzz_cardspec.c $(fuzz_main)
tests_fuzz_fuzz_cardspec_LDADD = libvscclient.la
tests_fuzz_fuzz_cardspec_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_certificate_SOURCES = tests/fuzz/fuzz_certificate.c $(fuzz_main)
tests_fuzz_fuzz_certificate_LDADD = libkey.la
tests_fuzz_fuzz_certificate_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_main)
tests_fuzz_fuzz_config_LDADD = libifd.la
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_emul_SOURCES = tests/fuzz/fuzz_emul.c $(fuzz_main)
tests_fuzz_fuzz_emul_LDADD = libvscclient.la
tests_fuzz_fuzz_emul_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_endpoint_SOURCES = tests/fuzz/fuzz_endpoint.c $(fuzz_main)
tests_fuzz_fuzz_endpoint_LDADD = libnet.la
tests_fuzz_fuzz_endpoint_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_framer_SOURCES = tests/fuzz/fuzz_framer.c $(fuzz_main)
tests_fuzz_fuzz_framer_LDADD = libvscard-core.la
tests_fuzz_fuzz_framer_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_readerconf_SOURCES = tests/fuzz/fuzz_readerconf.c $(fuzz_main)
tests_fuzz_fuzz_readerconf_LDADD = libctl.la
tests_fuzz_fuzz_readerconf_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(fuzz_main)
tests_fuzz_fuzz_record_LDADD = libutil.la
tests_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_session_client_SOURCES = tests/fuzz/fuzz_session_client.c \
	$(fuzz_main)
tests_fuzz_fuzz_session_client_LDADD = libdrive.la
tests_fuzz_fuzz_session_client_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_session_host_SOURCES = tests/fuzz/fuzz_session_host.c \
	$(fuzz_main)
tests_fuzz_fuzz_session_host_LDADD = libdrive.la
tests_fuzz_fuzz_session_host_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_apdu_SOURCES = tests/fuzz/fuzz_apdu.c $(fuzz_main)
tests_fuzz_fuzz_apdu_LDADD = libcard.la libutil.la
tests_fuzz_fuzz_apdu_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_tlv_SOURCES = tests/fuzz/fuzz_tlv.c $(fuzz_main)
tests_fuzz_fuzz_tlv_LDADD = libcard.la libutil.la
tests_fuzz_fuzz_tlv_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_card_SOURCES = tests/fuzz/fuzz_card.c $(fuzz_main)
tests_fuzz_fuzz_card_LDADD = libcard.la libutil.la
tests_fuzz_fuzz_card_LDFLAGS = $(fuzz_ldflags) -Wl,--wrap=keypair_generate

tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/fuzz_trace.c $(fuzz_main) \
	tests/unit/blocks.c
tests_fuzz_fuzz_trace_LDADD = libtrace.la libutil.la
tests_fuzz_fuzz_trace_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_store_SOURCES = tests/fuzz/fuzz_store.c $(fuzz_main)
tests_fuzz_fuzz_store_LDADD = libcard.la libutil.la
tests_fuzz_fuzz_store_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_ctl_SOURCES = tests/fuzz/fuzz_ctl.c $(fuzz_main)
tests_fuzz_fuzz_ctl_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_ctl_LDADD = libctl.la
tests_fuzz_fuzz_ctl_LDFLAGS = $(fuzz_ldflags) \
	-Wl,--wrap=control_dial -Wl,--wrap=pcscd_get_process

tests_fuzz_fuzz_ctl_options_SOURCES = tests/fuzz/fuzz_ctl_options.c $(fuzz_main)
tests_fuzz_fuzz_ctl_options_LDADD = libctl.la
tests_fuzz_fuzz_ctl_options_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_key_options_SOURCES = tests/fuzz/fuzz_key_options.c $(fuzz_main)
tests_fuzz_fuzz_key_options_LDADD = libkey.la
tests_fuzz_fuzz_key_options_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_match_SOURCES = tests/fuzz/fuzz_match.c $(fuzz_main)
tests_fuzz_fuzz_match_LDADD = libvscclient.la
tests_fuzz_fuzz_match_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_options_SOURCES = tests/fuzz/fuzz_options.c $(fuzz_main)
tests_fuzz_fuzz_options_LDADD = libvscclient.la
tests_fuzz_fuzz_options_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_owner_SOURCES = tests/fuzz/fuzz_owner.c $(fuzz_main)
tests_fuzz_fuzz_owner_LDADD = libnet.la
tests_fuzz_fuzz_owner_LDFLAGS = $(fuzz_ldflags) \
	-Wl,--wrap=getpeername -Wl,--wrap=getsockname \
	-Wl,--wrap=sendto -Wl,--wrap=recvfrom

tests_fuzz_fuzz_proc_SOURCES = tests/fuzz/fuzz_proc.c $(fuzz_main)
tests_fuzz_fuzz_proc_LDADD = libctl.la
tests_fuzz_fuzz_proc_LDFLAGS = $(fuzz_ldflags) -Wl,--wrap=open \
	-Wl,--wrap=fopen -Wl,--wrap=opendir -Wl,--wrap=control_dial

tests_fuzz_fuzz_relay_SOURCES = tests/fuzz/fuzz_relay.c $(fuzz_main)
tests_fuzz_fuzz_relay_LDADD = libvscclient.la
tests_fuzz_fuzz_relay_LDFLAGS = $(fuzz_ldflags) \
	-Wl,--wrap=clock_now -Wl,--wrap=clock_after

tests_fuzz_fuzz_run_SOURCES = tests/fuzz/fuzz_run.c $(fuzz_main) \
	run/options.c
tests_fuzz_fuzz_run_LDADD = libnet.la libutil.la
tests_fuzz_fuzz_run_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_traits_SOURCES = tests/fuzz/fuzz_traits.c $(fuzz_main)
tests_fuzz_fuzz_traits_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fuzz_fuzz_traits_LDADD = libvscclient.la
tests_fuzz_fuzz_traits_LDFLAGS = $(fuzz_ldflags) \
	-Wl,--wrap=SCardGetAttrib -Wl,--wrap=SCardControl

tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c $(fuzz_main)
tests_fuzz_fuzz_words_LDADD = libvscclient.la
tests_fuzz_fuzz_words_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_fuzz_driver_SOURCES = tests/fuzz/fuzz_driver.c $(fuzz_main)
tests_fuzz_fuzz_driver_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fuzz_fuzz_driver_LDADD = libifd.la
tests_fuzz_fuzz_driver_LDFLAGS = $(fuzz_ldflags) -pthread
