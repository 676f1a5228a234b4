# man
man_MANS += man/vscard-run.1
EXTRA_DIST += man/vscard-run.1
