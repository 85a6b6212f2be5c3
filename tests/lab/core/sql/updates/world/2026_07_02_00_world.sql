DROP PROCEDURE IF EXISTS `raise_level`;
DELIMITER ;;
CREATE PROCEDURE `raise_level`(IN wanted INT UNSIGNED)
BEGIN
  UPDATE `creature_template` SET `maxlevel` = GREATEST(`maxlevel`, wanted) WHERE `entry` < 10;
END;;
DELIMITER ;
CALL `raise_level`(3);
