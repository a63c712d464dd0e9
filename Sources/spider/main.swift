print("spider")
