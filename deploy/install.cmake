# What `cmake --install` puts where, with the layout of a Debian package. Paths below /etc are fixed: the program
# looks for its configuration there. DESTDIR comes before all of them.

include(GNUInstallDirs)
install(TARGETS peerpool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES deploy/systemd/peerpool.socket DESTINATION lib/systemd/system)
install(FILES deploy/systemd/sysusers.d/peerpool.conf DESTINATION lib/sysusers.d)
install(FILES deploy/systemd/tmpfiles.d/peerpool.conf DESTINATION lib/tmpfiles.d)
install(FILES deploy/config/logrotate DESTINATION /etc/logrotate.d RENAME peerpool)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES deploy/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME deploy.md)
install(FILES deploy/config/peerpool.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# The unit names the program, and --prefix is known only now.
install(CODE "
  set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  set(docdir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/deploy/systemd/peerpool.service.in\"
    \"${PROJECT_BINARY_DIR}/peerpool.service\" @ONLY)
  file(INSTALL \"${PROJECT_BINARY_DIR}/peerpool.service\"
    DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
")

# Whatever the operator has made of it stays.
install(CODE "
  if(EXISTS \"\$ENV{DESTDIR}/etc/peerpool/peerpool.yaml\")
    message(STATUS \"Kept: \$ENV{DESTDIR}/etc/peerpool/peerpool.yaml\")
  else()
    file(INSTALL \"${PROJECT_SOURCE_DIR}/deploy/config/peerpool.yaml\" DESTINATION /etc/peerpool)
  endif()
")
