UPDATE `creature_template` SET `name` = 'Kobold Worker' WHERE `entry` = 257;
-- As upstream writes its texts: in either kind of quotes, with backslashes.
UPDATE `trinity_string` SET `content_default` = "\"Say hello\"\nto C:\\Games, it's free" WHERE `entry` = 3;
