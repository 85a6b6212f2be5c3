ALTER TABLE `characters` MODIFY `money` int unsigned NOT NULL DEFAULT '0';
