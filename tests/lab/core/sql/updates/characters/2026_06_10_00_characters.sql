ALTER TABLE `characters` ADD COLUMN `innTriggerId` int unsigned NOT NULL DEFAULT '0' AFTER `online`;
