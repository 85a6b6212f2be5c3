UPDATE `creature_template` SET `name` = 'Kobold Worker' WHERE `entry` = 257;
