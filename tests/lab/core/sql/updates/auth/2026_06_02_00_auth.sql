DELETE FROM `build_info` WHERE `build` = 13930;
INSERT INTO `build_info` (`build`, `majorVersion`, `minorVersion`, `bugfixVersion`, `hotfixVersion`) VALUES (13930, 3, 3, 5, 'a');
