# Unit tests, one program a source file; unit.c is their main function.
check_LTLIBRARIES += libunit.la
libunit_la_SOURCES = tests/unit/unit.c tests/unit/unit.h \
	tests/unit/child.c tests/unit/hush.c tests/unit/fault.c tests/unit/fault.h
libunit_la_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
libunit_la_LIBADD = $(CHECK_LIBS)

# Calls that fail on order; fault_*.c name the same ones.
fault_call_flags = -Wl,--wrap=accept4 -Wl,--wrap=bind -Wl,--wrap=chmod \
	-Wl,--wrap=close_range -Wl,--wrap=connect -Wl,--wrap=dup2 \
	-Wl,--wrap=epoll_create1 -Wl,--wrap=epoll_ctl -Wl,--wrap=epoll_wait \
	-Wl,--wrap=eventfd -Wl,--wrap=eventfd_read -Wl,--wrap=eventfd_write \
	-Wl,--wrap=execve -Wl,--wrap=fchmod -Wl,--wrap=fcntl -Wl,--wrap=flock \
	-Wl,--wrap=fork -Wl,--wrap=fstat -Wl,--wrap=fsync -Wl,--wrap=ftruncate \
	-Wl,--wrap=getpeername -Wl,--wrap=getrandom -Wl,--wrap=getsockname \
	-Wl,--wrap=getsockopt -Wl,--wrap=link -Wl,--wrap=listen -Wl,--wrap=lstat \
	-Wl,--wrap=mkdir -Wl,--wrap=mkostemp -Wl,--wrap=open \
	-Wl,--wrap=pidfd_open -Wl,--wrap=pipe2 -Wl,--wrap=poll \
	-Wl,--wrap=prctl -Wl,--wrap=pread -Wl,--wrap=pthread_cond_init \
	-Wl,--wrap=pthread_create -Wl,--wrap=pthread_mutex_init \
	-Wl,--wrap=pwrite -Wl,--wrap=read \
	-Wl,--wrap=recv -Wl,--wrap=recvfrom -Wl,--wrap=recvmsg -Wl,--wrap=rename \
	-Wl,--wrap=renameat2 -Wl,--wrap=send -Wl,--wrap=sendmsg -Wl,--wrap=sendto \
	-Wl,--wrap=setsockopt -Wl,--wrap=signalfd -Wl,--wrap=socket \
	-Wl,--wrap=socketpair -Wl,--wrap=stat -Wl,--wrap=syscall \
	-Wl,--wrap=unlink -Wl,--wrap=waitpid -Wl,--wrap=write
fault_memory_flags = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=strdup
fault_crypto_flags = -Wl,--wrap=ASN1_OCTET_STRING_new \
	-Wl,--wrap=ASN1_OCTET_STRING_set -Wl,--wrap=ASN1_TIME_set \
	-Wl,--wrap=ASN1_TIME_set_string -Wl,--wrap=BN_CTX_secure_new \
	-Wl,--wrap=BN_bin2bn -Wl,--wrap=BN_bn2binpad -Wl,--wrap=BN_bn2nativepad \
	-Wl,--wrap=BN_mod_exp_mont_consttime -Wl,--wrap=BN_mod_inverse \
	-Wl,--wrap=BN_mul -Wl,--wrap=BN_new -Wl,--wrap=BN_secure_new \
	-Wl,--wrap=BN_set_word -Wl,--wrap=BN_sub -Wl,--wrap=BN_to_ASN1_INTEGER \
	-Wl,--wrap=EC_GROUP_new_by_curve_name -Wl,--wrap=EC_POINT_mul \
	-Wl,--wrap=EC_POINT_new -Wl,--wrap=EC_POINT_point2oct \
	-Wl,--wrap=EVP_CIPHER_CTX_ctrl -Wl,--wrap=EVP_CIPHER_CTX_new \
	-Wl,--wrap=EVP_CIPHER_CTX_set_padding -Wl,--wrap=EVP_CipherFinal_ex \
	-Wl,--wrap=EVP_CipherInit_ex2 -Wl,--wrap=EVP_CipherUpdate \
	-Wl,--wrap=EVP_Digest -Wl,--wrap=EVP_DigestSign \
	-Wl,--wrap=EVP_DigestSignInit -Wl,--wrap=EVP_MD_CTX_new \
	-Wl,--wrap=EVP_PBE_scrypt -Wl,--wrap=EVP_PKEY_CTX_new_from_name \
	-Wl,--wrap=EVP_PKEY_CTX_new_from_pkey \
	-Wl,--wrap=EVP_PKEY_CTX_set_rsa_padding -Wl,--wrap=EVP_PKEY_Q_keygen \
	-Wl,--wrap=EVP_PKEY_derive -Wl,--wrap=EVP_PKEY_derive_init \
	-Wl,--wrap=EVP_PKEY_derive_set_peer_ex -Wl,--wrap=EVP_PKEY_fromdata \
	-Wl,--wrap=EVP_PKEY_fromdata_init -Wl,--wrap=EVP_PKEY_get_bn_param \
	-Wl,--wrap=EVP_PKEY_get_raw_private_key \
	-Wl,--wrap=EVP_PKEY_get_raw_public_key \
	-Wl,--wrap=EVP_PKEY_new_raw_private_key_ex \
	-Wl,--wrap=EVP_PKEY_new_raw_public_key_ex -Wl,--wrap=EVP_PKEY_sign \
	-Wl,--wrap=EVP_PKEY_sign_init -Wl,--wrap=HMAC -Wl,--wrap=RAND_priv_bytes_ex \
	-Wl,--wrap=X509V3_EXT_nconf_nid -Wl,--wrap=X509_EXTENSION_create_by_OBJ \
	-Wl,--wrap=X509_NAME_add_entry_by_txt -Wl,--wrap=X509_NAME_new \
	-Wl,--wrap=X509_add_ext \
	-Wl,--wrap=X509_new -Wl,--wrap=X509_set_issuer_name \
	-Wl,--wrap=X509_set_pubkey -Wl,--wrap=X509_set_subject_name \
	-Wl,--wrap=X509_set_version -Wl,--wrap=X509_sign
fault_flags = $(AM_LDFLAGS) $(fault_call_flags) $(fault_memory_flags)
fault_sources = tests/unit/fault_calls.c tests/unit/fault_memory.c

unit_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_tests = tests/unit/test_bytes
tests_unit_test_bytes_SOURCES = tests/unit/test_bytes.c
tests_unit_test_bytes_CPPFLAGS = $(unit_cppflags)
tests_unit_test_bytes_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_account
tests_unit_test_account_SOURCES = tests/unit/test_account.c
tests_unit_test_account_CPPFLAGS = $(unit_cppflags)
tests_unit_test_account_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_card_env
tests_unit_test_card_env_SOURCES = tests/unit/test_card_env.c
tests_unit_test_card_env_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_env_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_card_log
tests_unit_test_card_log_SOURCES = tests/unit/test_card_log.c
tests_unit_test_card_log_CPPFLAGS = $(unit_cppflags)
tests_unit_test_card_log_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_tenant
tests_unit_test_tenant_SOURCES = tests/unit/test_tenant.c
tests_unit_test_tenant_CPPFLAGS = $(unit_cppflags)
tests_unit_test_tenant_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_slot
tests_unit_test_slot_SOURCES = tests/unit/test_slot.c
tests_unit_test_slot_CPPFLAGS = $(unit_cppflags)
tests_unit_test_slot_LDADD = libunit.la libifd.la

unit_tests += tests/unit/test_buf
tests_unit_test_buf_SOURCES = tests/unit/test_buf.c
tests_unit_test_buf_CPPFLAGS = $(unit_cppflags)
tests_unit_test_buf_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_clock
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CPPFLAGS = $(unit_cppflags)
tests_unit_test_clock_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_hex
tests_unit_test_hex_SOURCES = tests/unit/test_hex.c
tests_unit_test_hex_CPPFLAGS = $(unit_cppflags)
tests_unit_test_hex_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CPPFLAGS = $(unit_cppflags)
tests_unit_test_log_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_lock
tests_unit_test_lock_SOURCES = tests/unit/test_lock.c
tests_unit_test_lock_CPPFLAGS = $(unit_cppflags)
tests_unit_test_lock_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_ration
tests_unit_test_ration_SOURCES = tests/unit/test_ration.c
tests_unit_test_ration_CPPFLAGS = $(unit_cppflags)
tests_unit_test_ration_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_scrub
tests_unit_test_scrub_SOURCES = tests/unit/test_scrub.c
tests_unit_test_scrub_CPPFLAGS = $(unit_cppflags)
tests_unit_test_scrub_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_test_scrub_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_guard
tests_unit_test_guard_SOURCES = tests/unit/test_guard.c
tests_unit_test_guard_CPPFLAGS = $(unit_cppflags)
tests_unit_test_guard_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_record
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_CPPFLAGS = $(unit_cppflags)
tests_unit_test_record_LDADD = libunit.la libutil.la

unit_tests += tests/unit/test_tty
tests_unit_test_tty_SOURCES = tests/unit/test_tty.c
tests_unit_test_tty_CPPFLAGS = $(unit_cppflags)
tests_unit_test_tty_LDADD = libunit.la libdesk.la libutil.la

# A terminal that a test sits at.
check_LTLIBRARIES += libdesk.la
libdesk_la_SOURCES = tests/unit/desk.c tests/unit/desk.h
libdesk_la_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
libdesk_la_LIBADD = $(CHECK_LIBS)

include tests/unit/vscard.mk
include tests/unit/trace.mk
include tests/unit/ctl.mk
include tests/unit/card.mk
include tests/unit/piv.mk
