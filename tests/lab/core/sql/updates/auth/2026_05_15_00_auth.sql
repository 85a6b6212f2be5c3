ALTER TABLE `account` MODIFY `os` varchar(4) NOT NULL DEFAULT '';
