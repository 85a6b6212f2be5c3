ALTER TABLE `realmlist` MODIFY `gamebuild` int unsigned NOT NULL DEFAULT '12340';
