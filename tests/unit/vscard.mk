# The protocol library's tests. talk.c: one end of a conversation as text.
check_LTLIBRARIES += libtalk.la
libtalk_la_SOURCES = tests/unit/talk.c tests/unit/talk.h \
	tests/unit/talk_client.c tests/unit/talk_client.h \
	tests/unit/talk_host.c tests/unit/talk_host.h
libtalk_la_CPPFLAGS = $(unit_cppflags)
libtalk_la_LIBADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_framer
tests_unit_test_framer_SOURCES = tests/unit/test_framer.c
tests_unit_test_framer_CPPFLAGS = $(unit_cppflags)
tests_unit_test_framer_LDADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_names
tests_unit_test_names_SOURCES = tests/unit/test_names.c
tests_unit_test_names_CPPFLAGS = $(unit_cppflags)
tests_unit_test_names_LDADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_wire
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c
tests_unit_test_wire_CPPFLAGS = $(unit_cppflags)
tests_unit_test_wire_LDADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_session_host
tests_unit_test_session_host_SOURCES = tests/unit/test_session_host.c
tests_unit_test_session_host_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_host_LDADD = libtalk.la

unit_tests += tests/unit/test_session_requests
tests_unit_test_session_requests_SOURCES = tests/unit/test_session_requests.c
tests_unit_test_session_requests_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_requests_LDADD = libtalk.la

unit_tests += tests/unit/test_session_client
tests_unit_test_session_client_SOURCES = tests/unit/test_session_client.c
tests_unit_test_session_client_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_client_LDADD = libtalk.la

unit_tests += tests/unit/test_session_commands
tests_unit_test_session_commands_SOURCES = tests/unit/test_session_commands.c
tests_unit_test_session_commands_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_commands_LDADD = libtalk.la

unit_tests += tests/unit/test_conversations
tests_unit_test_conversations_SOURCES = tests/unit/test_conversations.c \
	tests/unit/player.c tests/unit/player.h
tests_unit_test_conversations_CPPFLAGS = $(unit_cppflags)
tests_unit_test_conversations_LDADD = libunit.la libdrive.la
EXTRA_DIST += tests/interop

unit_tests += tests/unit/test_quirks
tests_unit_test_quirks_SOURCES = tests/unit/test_quirks.c
tests_unit_test_quirks_CPPFLAGS = $(unit_cppflags)
tests_unit_test_quirks_LDADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_session_pair
tests_unit_test_session_pair_SOURCES = tests/unit/test_session_pair.c
tests_unit_test_session_pair_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_pair_LDADD = libunit.la libvscard-core.la

unit_tests += tests/unit/test_session_memory
tests_unit_test_session_memory_SOURCES = tests/unit/test_session_memory.c \
	tests/unit/fault_memory.c
tests_unit_test_session_memory_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_memory_LDFLAGS = $(AM_LDFLAGS) $(fault_memory_flags)
tests_unit_test_session_memory_LDADD = libunit.la libvscard-core.la
