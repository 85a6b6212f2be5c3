UPDATE `creature_template` SET `minlevel` = 1 WHERE `minlevel` = 0;
